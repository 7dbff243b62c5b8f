// GraphiQL on this server's API. What it opens with, the server has written into the page: the example operations, each a tab, and the
// headers that whoever asked for the page may send.
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import { createRoot } from 'react-dom/client';
import './page.css';

const { tabs, headers } = JSON.parse(document.getElementById('settings').textContent);
const fetcher = createGraphiQLFetcher({ url: '/graphql' });

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL fetcher={fetcher} defaultTabs={tabs} defaultHeaders={headers} defaultEditorToolsVisibility="headers" />,
);
