// Apollo Client and urql for one user: where pages are rendered on a server, each gets a client of its own.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { Client, cacheExchange, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import type { DocumentNode } from 'graphql';
import { tap } from 'rxjs';
import { consistentFetch } from './consistency.js';

export function apollo(uri: string, ...links: ApolloLink[]): ApolloClient {
  return new ApolloClient({
    link: ApolloLink.from([...links, new HttpLink({ uri, fetch: consistentFetch() })]),
    cache: new InMemoryCache(),
  });
}

export function urql(url: string): Client {
  return new Client({ url, fetch: consistentFetch(), exchanges: [cacheExchange, fetchExchange] });
}

/** The same, and queries are sent as hashes by GET, so that a CDN can keep the answers to what anybody may see. */
export function persistedApollo(uri: string): ApolloClient {
  return apollo(uri, new PersistedQueryLink({ sha256, useGETForHashedQueries: true }));
}

export function persistedUrql(url: string): Client {
  const persisted = persistedExchange({ generateHash: sha256, preferGetForPersistedQueries: true });
  return new Client({ url, fetch: consistentFetch(), exchanges: [cacheExchange, persisted, fetchExchange] });
}

/** The same for a server that executes trusted documents only: the hash is the one in the manifest, and no text is ever sent. */
export function trustedApollo(uri: string): ApolloClient {
  return apollo(uri, new PersistedQueryLink({ generateHash: manifestHash, retry: () => false, useGETForHashedQueries: true }));
}

export function trustedUrql(url: string): Client {
  const persisted = persistedExchange({
    generateHash: async (_, document) => manifestHash(document),
    enforcePersistedQueries: true,
    enableForMutation: true,
    preferGetForPersistedQueries: true,
  });
  return new Client({ url, fetch: consistentFetch(), exchanges: [cacheExchange, persisted, fetchExchange] });
}

/** What an operation cost, in points, and what is left of the window. */
export interface Cost {
  requested: number;
  actual: number;
  window: { limit: number; remaining: number; resetSeconds: number } | null;
}

/** Tells what Apollo Client keeps from its callers: what an operation cost, and the answer with its headers. */
export function watchLink(tell: (cost: Cost | undefined, answer: Response) => void): ApolloLink {
  return new ApolloLink((operation, forward) =>
    forward(operation).pipe(tap(({ extensions }) => tell(extensions?.['cost'], operation.getContext()['response']))),
  );
}

/** The hash that GraphQL Code Generator has put into a document. */
function manifestHash(document: DocumentNode): string {
  const { __meta__: meta } = document as DocumentNode & { __meta__?: { hash: string } };
  if (!meta) throw new Error('this document was not generated from operations/');
  return meta.hash;
}

async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
