// PostGraphile 5: the schema is made from the tables; Grafserv on Node's own HTTP server.

import '../../shop/production.js';

import { createServer } from 'node:http';

import { grafserv } from 'postgraphile/grafserv/node';
import { postgraphile } from 'postgraphile';

import { announce, settings } from '../../shop/settings.js';
import preset from './preset.js';

const pgl = postgraphile(preset);
const server = createServer();
await pgl.createServ(grafserv).addTo(server);
server.listen(settings.port, settings.host, () => announce('postgraphile', server.address().port));
