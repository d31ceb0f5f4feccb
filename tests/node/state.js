// Case 3: a module's private state, made once and kept; what is done with it afterwards leaves nothing behind.
'use strict';

const forAWhile = require('./for_a_while');

const circle = [];
for (let i = 0; i < 200000; i++) circle.push({ x: Math.cos(i), y: Math.sin(i), label: `point ${i}` });

function nearest(x, y) {
  let best = null;
  let distance = Infinity;
  for (let i = 0; i < 2000; i++) {
    const point = circle[(i * 97) % circle.length];
    const d = (point.x - x) ** 2 + (point.y - y) ** 2;
    if (d < distance) [best, distance] = [point, d];
  }
  return best.label;
}

forAWhile((turn) => nearest(Math.cos(turn), 0));
