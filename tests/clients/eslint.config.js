// GraphQL ESLint's rules for schemas, and where schema.graphql does otherwise. Run from the repository's root, where that file is.
import graphql from '@graphql-eslint/eslint-plugin';

const recommended = graphql.configs['flat/schema-recommended'].rules;
const relay = graphql.configs['flat/schema-relay'].rules;
const [, { InputValueDefinition, ...names }] = recommended['@graphql-eslint/naming-convention'];

export default [
  {
    files: ['schema.graphql'],
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema: './schema.graphql' } } },
    plugins: { '@graphql-eslint': graphql },
    rules: {
      ...recommended,
      ...relay,
      '@graphql-eslint/naming-convention': [
        'error',
        // `AND` and `OR` of a `where` are told apart from its fields by their case, as in other APIs with such filters.
        { ...names, 'InputValueDefinition[name.value!=/^(AND|OR)$/]': InputValueDefinition },
      ],
      // `Count.count` is the number of a count, and the rule takes no exceptions.
      '@graphql-eslint/no-typename-prefix': 'off',
      // Lists that are short by their nature (skus, tags) are no connections, and connections have `nodes` beside `edges`.
      '@graphql-eslint/relay-edge-types': ['error', { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false }],
      '@graphql-eslint/strict-id-in-types': [
        'error',
        {
          exceptions: {
            // What is around nodes and answers a write is nothing that could be asked for again.
            suffixes: ['Connection', 'Edge', 'Payload', 'UserError'],
            types: [
              // Around a list.
              'Count',
              'PageInfo',
              // Whoever asks: another one in each session.
              'Viewer',
              // Values, and parts of a product or a sku: known by what they belong to.
              'Money',
              'PriceRange',
              'ProductFacet',
              'ProductFacetValue',
              'ProductImage',
              'ProductOption',
              'ProductOptionValue',
              'ProductSeo',
              'ProductSuggestion',
              'SelectedOption',
              'SkuAttribute',
              'Stock',
            ],
          },
        },
      ],
    },
  },
];
