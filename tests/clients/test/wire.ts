// What passes `fetch`: what requests bring, and how they are answered.
import type { TestContext } from 'node:test';

const TOKEN = 'x-consistency-token';

export interface Passed {
  brought: string[];
  given: string | null;
}

/** Records every request until the test ends. An answer arrives when `arrival` allows it, and is lost when that throws. */
export function record(
  test: TestContext,
  arrival: (index: number) => Promise<void> | void = () => {},
  answer: typeof fetch = fetch,
): Passed[] {
  const requests: Passed[] = [];
  test.mock.method(globalThis, 'fetch', async (input: RequestInfo | URL, init?: RequestInit) => {
    const request: Passed = { brought: new Headers(init?.headers).get(TOKEN)?.split(',') ?? [], given: null };
    const index = requests.push(request) - 1;
    const response = await answer(input, init);
    request.given = response.headers.get(TOKEN);
    await arrival(index);
    return response;
  });
  return requests;
}

export interface Seen {
  method: string;
  /** Whether the request brought the text of a document, the hash of one, and the tokens of earlier answers. */
  text: boolean;
  hash: boolean;
  token: boolean;
  status: number;
  keeping: string | null;
}

/** Records what every request brought and how it was answered, until the test ends. `cache` is between the client and what is recorded. */
export function watch(test: TestContext, cache: (ask: typeof fetch) => typeof fetch = (ask) => ask): Seen[] {
  const requests: Seen[] = [];
  const ask = fetch;
  const watched: typeof fetch = async (input, init) => {
    const address = new URL(input instanceof Request ? input.url : input);
    const asked = init?.body ? JSON.parse(String(init.body)) : Object.fromEntries(address.searchParams);
    const extensions = typeof asked.extensions === 'string' ? JSON.parse(asked.extensions) : asked.extensions;
    const response = await ask(input, init);
    requests.push({
      method: init?.method ?? 'GET',
      text: Boolean(asked.query),
      hash: Boolean(extensions?.persistedQuery?.sha256Hash),
      token: new Headers(init?.headers).has(TOKEN),
      status: response.status,
      keeping: response.headers.get('cache-control'),
    });
    return response;
  };
  test.mock.method(globalThis, 'fetch', cache(watched));
  return requests;
}

/** A cache like that of a browser, in which no time passes: it keeps what is public, apart by the headers that `Vary` names. */
export function browserCache(ask: typeof fetch): typeof fetch {
  const kept: { address: string; varying: [string, string | null][]; answer: Response }[] = [];
  return async (input, init) => {
    const [address, headers] = [String(input), new Headers(init?.headers)];
    const known = kept.find((one) => one.address === address && one.varying.every(([name, value]) => headers.get(name) === value));
    if (known) return known.answer.clone();
    const answer = await ask(input, init);
    if (/^public\b/.test(answer.headers.get('cache-control') ?? '')) {
      const names = answer.headers.get('vary')?.split(/,\s*/) ?? [];
      kept.push({ address, varying: names.map((name) => [name, headers.get(name)]), answer: answer.clone() });
    }
    return answer;
  };
}
