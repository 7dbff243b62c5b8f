// From src/ to what the server embeds: the page, and its assets under hashed names, each compressed once and well.
import { gzipSync } from 'node:zlib';
import { defineConfig } from 'vite';

const compressed = {
  name: 'compressed',
  enforce: 'post',
  generateBundle: {
    order: 'post',
    handler(_, bundle) {
      for (const [name, file] of Object.entries(bundle)) {
        if (name === 'index.html') continue;
        this.emitFile({ type: 'asset', fileName: `${name}.gz`, source: gzipSync(file.code ?? file.source, { level: 9 }) });
        delete bundle[name];
      }
    },
  },
};

export default defineConfig({
  base: '/playground/',
  plugins: [compressed],
  worker: { format: 'es' },
  // The folder holds a .gitignore; `npm run build` empties the rest.
  build: {
    target: 'es2022',
    emptyOutDir: false,
    chunkSizeWarningLimit: Infinity,
    rolldownOptions: {
      // React's "use client", in half of the packages, says nothing here.
      onwarn: (warning, warn) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning),
    },
  },
});
