/** The business's own things, read whole. */
import { api, data } from "./client";
import { allPages } from "./pages";

export const readPeople = () =>
  allPages((query) => data(api.GET("/api/v1/people", { params: { query } })));

export const readServices = () =>
  allPages((query) => data(api.GET("/api/v1/services", { params: { query } })));

export const readPlaces = () =>
  allPages((query) => data(api.GET("/api/v1/places", { params: { query } })));
