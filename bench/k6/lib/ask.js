// Asking: one question to one of the addresses, its answer checked and counted.
import { CookieJar, request } from 'k6/http';
import { Counter } from 'k6/metrics';
import { between } from './draw.js';
import { BASE_URLS } from './settings.js';

const errors = new Counter('errors');
let hasTold = false;

/**
 * Sends a question to an address drawn at random. The answer, or null after counting an error when it is not right.
 * `kind` (read, write, read_back) is a tag of the measurements.
 */
export function ask(question, kind, draw, headers = {}) {
  const answer = request(question.method, BASE_URLS[between(draw, 0, BASE_URLS.length)] + question.path, question.body, {
    headers: { ...question.headers, ...headers },
    // An empty one each time: what a request brings is only what is said here.
    jar: new CookieJar(),
    tags: { kind },
    timeout: '10s',
  });
  if (answer.status === 200 && question.isRight(answer)) return answer;
  errors.add(1, { kind });
  if (!hasTold) console.error(`${kind}: status ${answer.status} ${answer.error} ${String(answer.body).slice(0, 300)}`);
  hasTold = true;
  return null;
}
