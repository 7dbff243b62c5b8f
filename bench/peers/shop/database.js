// The hosts of Postgres: writes go to the primary, each read to the next replica in turn, or to the primary when there is none.

import { settings } from './settings.js';

export function connect(postgres) {
  const open = (url) => postgres(url, { max: settings.connectionsPerHost });
  const primary = open(settings.databaseUrl);
  const readers = settings.replicaUrls.length > 0 ? settings.replicaUrls.map(open) : [primary];
  let turn = 0;

  return {
    primary,
    reader() {
      turn = (turn + 1) % readers.length;
      return readers[turn];
    },
  };
}
