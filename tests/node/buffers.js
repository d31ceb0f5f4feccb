// Buffers of 16 KiB that are kept: their bytes come from malloc, so they are counted to the byte.
'use strict';

const forAWhile = require('./for_a_while');
const SIZE = 16384;
const kept = [];

function keepBuffer(turn) {
  kept.push(Buffer.alloc(SIZE, turn & 255));
}

forAWhile(keepBuffer);
process.on('exit', () => console.log(`kept ${kept.length} buffers of ${SIZE}`));
