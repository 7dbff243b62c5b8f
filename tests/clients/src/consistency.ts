/** A `fetch` for one user: requests bring the consistency tokens of earlier answers, so that no answer lacks what that user wrote. */
export function consistentFetch(): typeof fetch {
  const held = new Map<string, number>(); // a token, and until when it counts
  return async (input, init) => {
    for (const [token, end] of held) if (end < performance.now()) held.delete(token);
    const sent = [...held.keys()];
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : {}));
    if (sent.length > 0) headers.set('x-consistency-token', sent.join(','));
    const response = await fetch(input, { ...init, headers });
    const token = response.headers.get('x-consistency-token');
    if (!token) return response;
    for (const old of sent) held.delete(old); // the new one stands for them
    held.set(token, performance.now() + 90_000); // STOREFRONT_TOKEN_LIFE_MS, and what caches on the way may hold from before
    return response;
  };
}
