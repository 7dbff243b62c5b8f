// What the tests do with a client, the same through Apollo Client and urql. The staff key is sent with what is for staff alone.
import assert from 'node:assert/strict';
import { CombinedGraphQLErrors, type ApolloClient } from '@apollo/client';
import type { Client } from '@urql/core';
import { ProductRenameDocument, WelcomeDocument } from '../generated/graphql.js';
import type { Shop } from './shop.js';

export interface Product {
  id: string;
  name: string;
}

export interface FrontEnd {
  /** The first one of a list. */
  product(): Promise<Product>;
  rename(id: string, name: string): Promise<unknown>;
}

/** An answer that is errors alone, as a client tells of it. */
export class Refused extends Error {
  constructor(readonly code: unknown) {
    super(`${code}`);
  }
}

export function throughApollo(client: ApolloClient, { staff }: Shop): FrontEnd {
  const fail = (error: unknown) => {
    throw CombinedGraphQLErrors.is(error) ? new Refused(error.errors[0]?.extensions?.['code']) : error;
  };
  return {
    async product() {
      const { data } = await client.query({ query: WelcomeDocument, fetchPolicy: 'network-only' }).catch(fail);
      return found(data?.products.nodes[0]);
    },
    rename: (id, name) =>
      client.mutate({ mutation: ProductRenameDocument, variables: { id, name }, context: { headers: staff } }).catch(fail),
  };
}

export function throughUrql(client: Client, { staff }: Shop): FrontEnd {
  const checked = <Result extends Pick<Awaited<ReturnType<Client['query']>>, 'error'>>(result: Result): Result => {
    if (result.error) throw new Refused(result.error.graphQLErrors[0]?.extensions['code']);
    return result;
  };
  return {
    async product() {
      const { data } = checked(await client.query(WelcomeDocument, {}, { requestPolicy: 'network-only' }).toPromise());
      return found(data?.products.nodes[0]);
    },
    rename: async (id, name) =>
      checked(await client.mutation(ProductRenameDocument, { id, name }, { fetchOptions: { headers: staff } }).toPromise()),
  };
}

function found(product: Product | undefined): Product {
  assert.ok(product);
  return product;
}
