// Apollo Client and urql for one user: where pages are rendered on a server, each gets a client of its own.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { Client, cacheExchange, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { consistentFetch } from './consistency.js';

export function apollo(uri: string, headers: Record<string, string>): ApolloClient {
  return new ApolloClient({
    link: new HttpLink({ uri, headers, fetch: consistentFetch() }),
    cache: new InMemoryCache(),
  });
}

export function urql(url: string, headers: Record<string, string>): Client {
  return new Client({
    url,
    fetch: consistentFetch(),
    fetchOptions: { headers },
    exchanges: [cacheExchange, fetchExchange],
  });
}

/** The same, and queries are sent as hashes by GET, so that a CDN can keep the answers to what anybody may see. */
export function persistedApollo(uri: string, headers: Record<string, string>): ApolloClient {
  return new ApolloClient({
    link: ApolloLink.from([
      new PersistedQueryLink({ sha256, useGETForHashedQueries: true }),
      new HttpLink({ uri, headers, fetch: consistentFetch() }),
    ]),
    cache: new InMemoryCache(),
  });
}

export function persistedUrql(url: string, headers: Record<string, string>): Client {
  return new Client({
    url,
    fetch: consistentFetch(),
    fetchOptions: { headers },
    exchanges: [cacheExchange, persistedExchange({ generateHash: sha256, preferGetForPersistedQueries: true }), fetchExchange],
  });
}

async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
