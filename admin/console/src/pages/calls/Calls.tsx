export default function Calls() {
  return <h1>Calls</h1>;
}
