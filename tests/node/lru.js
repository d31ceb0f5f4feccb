// No leak: a cache that has a bound and reaches it in the first second. Its entries live long enough to be promoted, so V8's old
// space is a sawtooth from there to the limit that V8 has. Without a limit V8 takes up to a minute until it is as wide as
// it will be, and that is growth: the test sets one (--max-old-space-size).
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

const cache = new Cache(5000);

forAWhile((turn) => {
  for (let i = 0; i < 300; i++) cache.put(`key-${turn}-${i}`, { turn, i, row: new Array(100).fill(i) });
});
