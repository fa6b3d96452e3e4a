export default function Call() {
  return <h1>Call</h1>;
}
