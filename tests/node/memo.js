// Case 2: a memoize whose memo gets a property for every argument that has never been there.
'use strict';

const forAWhile = require('./for_a_while');

function memoize(compute) {
  const memo = {};
  return function remember(...args) {
    const key = JSON.stringify(args);
    if (!(key in memo)) memo[key] = { args, value: compute(...args), since: new Date(), uses: 0 };
    memo[key].uses++;
    return memo[key].value;
  };
}

const distance = memoize((x, y) => Math.hypot(x, y));

forAWhile((turn) => {
  for (let i = 0; i < 160; i++) distance(turn, i);
});
