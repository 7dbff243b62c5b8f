// DataLoaders of one request: what many objects ask for is read in one statement.

import DataLoader from 'dataloader';

import { categoriesOf, skuRowsOf, storesOf } from '../../shop/batch.js';

export const createLoaders = (database) => ({
  store: new DataLoader((ids) => storesOf(database.reader(), ids)),
  category: new DataLoader((ids) => categoriesOf(database.reader(), ids)),
  skuRows: new DataLoader((products) => skuRowsOf(database.reader(), products)),
});
