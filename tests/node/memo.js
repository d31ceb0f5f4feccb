// Case 2: a memoize whose memo gets a property for every argument that has never been there.
'use strict';

const forAWhile = require('./for_a_while');

function memoize(compute) {
  const memo = {};
  return function remember(...args) {
    const key = JSON.stringify(args);
    if (!(key in memo)) memo[key] = compute(...args);
    return memo[key];
  };
}

const route = memoize((x, y) => ({ from: `place ${x}`, to: `place ${y}`, distance: Math.hypot(x, y), via: [x, y, x + y] }));

forAWhile((turn) => {
  for (let i = 0; i < 160; i++) route(turn, i);
});
