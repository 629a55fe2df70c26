"""The running app under the load of many people or programs."""
