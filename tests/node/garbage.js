// Case 4: a loop that makes {name, pass, email} objects faster than anybody needs them.
//   garbage.js           one loop that never gives way to the event loop
//   garbage.js yielding  a piece of it each turn of the event loop
//   garbage.js leaky     the same, but one object in a hundred stays: the trough rises
'use strict';

const forAWhile = require('./for_a_while');
const mode = process.argv[2] || '';
const kept = [];
let last = null;

function register(number) {
  const user = { name: `name${number}`, pass: `pass${number * 7}`, email: `mail${number}@example.org` };
  if (mode === 'leaky' && number % 100 === 0) kept.push(user);
  last = user;
}

function loop(from, count) {
  for (let i = 0; i < count; i++) register(from + i);
}

if (mode) {
  forAWhile((turn) => loop(turn * 10000, 10000), 1);
} else {
  loop(0, 10000 * Number(process.env.TURNS || 2000)); // up to 100 million
  console.log(`done, the last was ${last.name}`);
}
