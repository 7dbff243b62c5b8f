// The GraphQL types over the rows of the tables. A getter per field: what is not selected costs nothing.

import { globalId, Kind } from './id.js';
import { money } from './money.js';

export class Product {
  constructor(row) {
    this.row = row;
  }

  get id() {
    return globalId(Kind.product, this.row.id);
  }

  get slug() {
    return this.row.slug;
  }

  get name() {
    return this.row.name;
  }

  get inStock() {
    return this.row.in_stock;
  }

  get version() {
    return this.row.version;
  }

  get updatedAt() {
    return this.row.updated_at.toISOString();
  }

  /** What tells it from other products: loaders make their keys of this. */
  toJSON() {
    return this.row.id;
  }
}

export class Store {
  constructor(row) {
    this.row = row;
  }

  get id() {
    return globalId(Kind.store, this.row.id);
  }

  get name() {
    return this.row.name;
  }
}

export class Category {
  constructor(row) {
    this.row = row;
  }

  get id() {
    return globalId(Kind.category, this.row.id);
  }

  get name() {
    return this.row.name;
  }
}

export class Sku {
  constructor(row, product) {
    this.row = row;
    this.currencyCode = product.row.currency_code;
  }

  get id() {
    return globalId(Kind.sku, this.row.id);
  }

  get title() {
    return this.row.option_values.join(' / ');
  }

  get price() {
    return money(this.row.price, this.currencyCode);
  }

  get stock() {
    return { quantity: this.row.quantity ?? 0 };
  }
}
