import { defineConfig } from 'vite'

/**
 * The server in a few files, packages and all: opening a thousand takes half a second of each start. One level below the
 * root, as `src` is, so that paths that are relative to a file hold. Not minified: a stack is for people.
 */
export default defineConfig({
  ssr: { noExternal: true, external: ['@node-rs/argon2', 'pg-native'] },
  build: {
    ssr: true,
    outDir: 'lib',
    emptyOutDir: true,
    target: 'node24',
    minify: false,
    rolldownOptions: {
      // Each begins by itself: the process, and a thread of it.
      input: { main: 'src/main.ts', 'holes-worker': 'src/graph/holes-worker.ts' },
      output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
    },
  },
})
