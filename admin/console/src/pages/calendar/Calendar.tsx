export default function Calendar() {
  return <h1>Calendar</h1>;
}
