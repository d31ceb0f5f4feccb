// What the programs share: work(turn) for as many turns as TURNS of the environment says (2,000: about 12 s), with a pause of
// some milliseconds after each, in which the event loop and the collector have their say. Turns and not seconds: what a program
// has allocated when it ends, and with it what its collector has done, is then the same on a busy machine.
'use strict';

const turns = Number(process.env.TURNS || 2000);

module.exports = function forAWhile(work, pauseMs = 5) {
  let turn = 0;
  function tick() {
    work(turn++);
    if (turn < turns) setTimeout(tick, pauseMs);
    else console.log(`done after ${turn} turns`);
  }
  tick();
};
