// Reads the checked-in schema and every example operation; one that does not validate fails here, and so does a scalar of the
// schema that is not listed below.
import type { CodegenConfig } from '@graphql-codegen/cli';
import { addTypenameSelectionDocumentTransform } from '@graphql-codegen/client-preset';

const config: CodegenConfig = {
  schema: '../../schema.graphql',
  documents: '../../operations/*.graphql',
  generates: {
    'generated/': {
      preset: 'client',
      presetConfig: {
        fragmentMasking: false,
        // `persisted-documents.json`: the documents for STOREFRONT_TRUSTED_DOCUMENTS_PATH, each under its hash.
        persistedDocuments: { hashAlgorithm: 'sha256' },
      },
      // The caches of Apollo Client and urql need `__typename`, and cannot add it to a document that is sent as a hash.
      documentTransforms: [addTypenameSelectionDocumentTransform],
      config: {
        enumsAsTypes: true,
        useTypeImports: true,
        strictScalars: true,
        scalars: {
          BigInt: 'string',
          CurrencyCode: 'string',
          DateTime: 'string',
          Decimal: 'string',
          // A facet's `input` and `toggled`: what they hold goes into `where` as it is.
          JSON: 'any',
          URL: 'string',
        },
      },
    },
  },
};

export default config;
