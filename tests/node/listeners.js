// Case 5: every request adds a listener, none is ever removed, and each holds what it closes over.
'use strict';

const { EventEmitter } = require('events');
const forAWhile = require('./for_a_while');

const bus = new EventEmitter();
bus.setMaxListeners(0);

function subscribe(request) {
  const payload = new Array(100).fill(request);
  bus.on('done', function whenDone() { return payload.length; });
}

forAWhile((turn) => {
  for (let i = 0; i < 100; i++) subscribe(turn * 100 + i);
});
