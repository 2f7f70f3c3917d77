// dependency-cruiser parses with TypeScript's JavaScript API, which TypeScript 7 does not have: give it version 6.
import { registerHooks } from "node:module";

registerHooks({
  resolve: (name, context, next) => next(name.replace(/^typescript(?=$|\/)/, "legacy-typescript"), context),
});
