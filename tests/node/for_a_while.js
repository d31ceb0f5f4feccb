// What the programs share: work(turn) again and again, for the seconds of the environment's SECONDS (12), with a
// pause of some milliseconds each time, in which the event loop and the collector have their say.
'use strict';

const end = Date.now() + 1000 * Number(process.env.SECONDS || 12);

module.exports = function forAWhile(work, pauseMs = 5) {
  let turn = 0;
  function tick() {
    work(turn++);
    if (Date.now() < end) setTimeout(tick, pauseMs);
    else console.log(`done after ${turn} turns`);
  }
  tick();
};
