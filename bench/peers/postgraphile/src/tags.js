// Smart tags, where the conventions leave out what the operations need: the status and the place of a sku lead no index, and the
// skus of a product are a short list that needs no pages.

import { jsonPgSmartTags } from 'postgraphile/utils';

export const TagsPlugin = jsonPgSmartTags({
  version: 1,
  config: {
    class: {
      products: {
        attribute: { status: { tags: { behavior: '+filterBy' } } },
        constraint: { products_store_id_currency_code_fkey: { tags: { fieldName: 'store' } } },
      },
      skus: {
        tags: { name: 'sku' },
        attribute: { position: { tags: { behavior: '+orderBy' } } },
        constraint: { skus_product_id_fkey: { tags: { behavior: '+list -connection', foreignSimpleFieldName: 'skus' } } },
      },
    },
  },
});
