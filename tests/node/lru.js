// No leak: a cache that has a bound and reaches it in the first second; the heap is level some seconds later.
'use strict';

const forAWhile = require('./for_a_while');

class Cache {
  constructor(most) {
    this.most = most;
    this.entries = new Map();
  }

  put(key, value) {
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size > this.most) this.entries.delete(this.entries.keys().next().value);
  }
}

const cache = new Cache(2000);

forAWhile((turn) => {
  for (let i = 0; i < 3000; i++) cache.put(`key-${turn}-${i}`, { turn, i, text: `value ${turn} ${i}` });
});
