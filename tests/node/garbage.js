// Case 4: a loop that makes {name, pass, email} objects faster than anybody needs them.
//   garbage.js           one loop that never gives way to the event loop
//   garbage.js yielding  a piece of it each turn of the event loop
//   garbage.js leaky     the same, but one object in fifty stays: the trough rises
'use strict';

const forAWhile = require('./for_a_while');
const mode = process.argv[2] || '';
const kept = [];
let last = null;

function register(number) {
  const user = { name: `name${number}`, pass: `pass${number * 7}`, email: `mail${number}@example.org` };
  if (mode === 'leaky' && number % 50 === 0) kept.push(user);
  last = user;
}

function loop(from, count) {
  for (let i = 0; i < count; i++) register(from + i);
}

if (mode) {
  forAWhile((turn) => loop(turn * 10000, 10000), 1);
} else {
  const end = Date.now() + 1000 * Number(process.env.SECONDS || 12);
  for (let from = 0; from < 100e6 && Date.now() < end; from += 10000) loop(from, 10000);
  console.log(`done, the last was ${last.name}`);
}
