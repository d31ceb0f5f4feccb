// Case: JavaScript that calls a native addon (its path is the first argument) which leaks.
'use strict';

const forAWhile = require('../for_a_while');
const { keep } = require(process.argv[2]);

function askAddon() {
  for (let i = 0; i < 20; i++) keep(1000);
}

forAWhile(askAddon);
