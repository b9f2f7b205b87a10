from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "qingkong.kernel.places"
    label = "places"
