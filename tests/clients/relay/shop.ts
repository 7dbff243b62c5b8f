// What the components of a front-end on Relay would ask for: fragments that are masked, lists that go on and nodes that are fetched
// anew, and a write. `npm run relay` compiles it.
import { graphql } from 'relay-runtime';

export const price = graphql`
  fragment shop_price on PriceRange {
    min {
      amount
      currencyCode
    }
    max {
      amount
    }
  }
`;

export const card = graphql`
  fragment shop_card on Product {
    name
    inStock
    store {
      name
    }
    priceRange {
      ...shop_price
    }
  }
`;

export const list = graphql`
  fragment shop_list on Query
  @argumentDefinitions(
    count: { type: "Int", defaultValue: 3 }
    cursor: { type: "String" }
    where: { type: "ProductWhere" }
    orderBy: { type: "ProductOrder" }
  )
  @refetchable(queryName: "shopListPageQuery") {
    products(first: $count, after: $cursor, where: $where, orderBy: $orderBy)
      @connection(key: "shop_products", filters: ["where", "orderBy"]) {
      edges {
        node {
          id
          ...shop_card
        }
      }
    }
  }
`;

/** A store's page goes on by `node(id:)`. */
export const storePage = graphql`
  fragment shop_storePage on Store
  @argumentDefinitions(count: { type: "Int", defaultValue: 3 }, cursor: { type: "String" })
  @refetchable(queryName: "shopStorePageQuery") {
    name
    products(first: $count, after: $cursor) @connection(key: "shop_storePage_products") {
      edges {
        node {
          ...shop_card
        }
      }
    }
  }
`;

/** One product, fetched anew by `node(id:)`. */
export const product = graphql`
  fragment shop_product on Product @refetchable(queryName: "shopProductRefetchQuery") {
    id
    version
    ...shop_card
  }
`;

export const listQuery = graphql`
  query shopListQuery($where: ProductWhere) {
    ...shop_list @arguments(where: $where)
  }
`;

export const nodeQuery = graphql`
  query shopNodeQuery($id: ID!) {
    node(id: $id) {
      ...shop_storePage @alias
      ...shop_product @alias
    }
  }
`;

export const rename = graphql`
  mutation shopRenameMutation($input: ProductUpdateInput!) {
    productUpdate(input: $input) {
      product {
        ...shop_product
        name
      }
      userErrors {
        field
        message
        code
      }
    }
  }
`;
