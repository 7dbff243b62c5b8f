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
