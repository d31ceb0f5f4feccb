// Case 1: an exported function appends to an array that nobody empties.
'use strict';

const forAWhile = require('./for_a_while');
const leakArray = [];

exports.leak = function leak() {
  for (let i = 0; i < 600; i++) leakArray.push('leak' + Math.random());
};

forAWhile(() => exports.leak());
