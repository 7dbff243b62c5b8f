// Apollo Client and urql for one user: where pages are rendered on a server, each gets a client of its own.
import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { Client, cacheExchange, fetchExchange } from '@urql/core';
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
