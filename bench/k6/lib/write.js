// A write with the read back of it, from any of the addresses: does who wrote see it at once?
import { Counter } from 'k6/metrics';
import { ask } from './ask.js';

const TOKEN_HEADER = 'x-consistency-token';

const writes = new Counter('writes');
const readBacks = new Counter('read_backs');
const stale = new Counter('stale');

/** Writes, asks again with the token that the write answered, if any, and counts when `isWritten` denies what comes back. */
export function writeAndReadBack(write, readBack, isWritten, draw) {
  const written = ask(write, 'write', draw);
  if (!written) return;
  writes.add(1);
  const token = written.headers['X-Consistency-Token'];
  const seen = ask(readBack, 'read_back', draw, token ? { [TOKEN_HEADER]: token } : {});
  if (!seen) return;
  readBacks.add(1);
  if (!isWritten(seen)) stale.add(1);
}
