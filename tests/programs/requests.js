'use strict';
const requests = new Map();
const finish = Date.now() + 10000;
let number = 0;
function request() {
    for (let i = 0; i < 20; i++) {
        requests.set(++number, Buffer.alloc(10000, number & 255));
        if (process.argv[2] === 'flat') requests.delete(number - 1000);
    }
    if (Date.now() < finish) setTimeout(request, 5);
}
request();
