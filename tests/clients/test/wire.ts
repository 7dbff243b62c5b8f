// What passes `fetch`: the tokens that each request brought and its answer gave.
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
  /** Whether the request brought the text of a document, and whether the hash of one. */
  text: boolean;
  hash: boolean;
  status: number;
  keeping: string | null;
}

/** Records what every request brought and how it was answered, until the test ends. */
export function watch(test: TestContext, answer: typeof fetch = fetch): Seen[] {
  const requests: Seen[] = [];
  test.mock.method(globalThis, 'fetch', async (input: RequestInfo | URL, init?: RequestInit) => {
    const address = new URL(input instanceof Request ? input.url : input);
    const asked = init?.body ? JSON.parse(String(init.body)) : Object.fromEntries(address.searchParams);
    const extensions = typeof asked.extensions === 'string' ? JSON.parse(asked.extensions) : asked.extensions;
    const response = await answer(input, init);
    requests.push({
      method: init?.method ?? 'GET',
      text: Boolean(asked.query),
      hash: Boolean(extensions?.persistedQuery?.sha256Hash),
      status: response.status,
      keeping: response.headers.get('cache-control'),
    });
    return response;
  });
  return requests;
}
