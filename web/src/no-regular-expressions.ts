// Stands for re2js, which Firestore compiles the regular expressions of pipeline queries with. The pages
// make no such queries, and it is a third of Firestore.

export const RE2JS = {
  compile(): never {
    throw new Error("Pipeline queries are not used here");
  },
};
