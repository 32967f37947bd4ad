"""`buildkit/snapshots.db` as Docker 20.10 left it after three builds, one of them in two stages, and its answers."""

import base64
import zlib

FILE = zlib.decompress(
    base64.b64decode(
        "eNrt2j2P40QYAODc7u3ufRUnJJBOUFACEmK+Pyi3AKEDBBIlhzQznklsx1nHdmInBRL/gPIKmhPlNUi0VPwBaGj4CaBrocW5eHPniOj2dJFY4H"
        "2Knbxydj3veGzPO9rBYO1q1z769dajg9WH2+v4YNB3/r3jrn2ja7997+Nb+u07pwMAAAAAAAAAAABcOleeUf8fbn3/aKv+f7NrTz/84+6D47ce"
        "wogCAAAAAAAAAACXz8GmfXmzH/BJ++NO237XxdcP+vGPXXy/i91h//hrV/vxL138ZRd/frSOky7+aSs+PV7Hoou/6uKsi//s4rtdfPdkHX/UxQ"
        "9O+v07vdY/fv9a/7i+Phi837avd/HX1/v9/+BG//u/3ej3997NfvzzzSe/j0dkNHRl450YOW2H6ayqyWJ+Nt59QZ78y8WqQ20ujzu38sXqYgzW"
        "f9yNTDyJo3JkCBfvMsM5lYhL5bnxGmmnNTMoUtxZKZRjCAsaISuM5RGiJGDJnOJcak9C8MKdZVlcVT4iS7dMknmxwJPJWJCURGI+l0vkSVIEXk"
        "rs6vGkMYU3XGjj5L4TibS2wiuJiSeGEIe5MIyhyBvmCMNcYSLbrLx3QVllveJE20AU45a3jdokMkbZMHJNViRuOFuqZlGYrJhU1O3M8KKJ3Hzq"
        "2KuD9VbYKrG43Jw8bwdoUnUpWWOpN9g7S1kQSlOphOTGBWnbULRXjTojkdFUOSS5YBgxqjBDhnLKdER5VpbFuOJzPg2BL/J66GuHidjvyAellc"
        "OKWcu0Fo4Sg107azFnou2aUMaSQLWlHFHDpKfEIy4EEpFhCvMo2iS/IDNqqCkmufYlmuUoTqIx5aaQqEzDeG5kxhNbCCfasZ8iUdH9JsIjEwxH"
        "nlJmMTFaaa5CEITzdno4Yy02IRhiZNCCWhsCJoy394sNKljE9CaRaRIhVpeFSkspJ0s1l1PdsNg2dpTUahZlwSZ5E+cKnU2bulgu0e5Ermw+33"
        "4qkX7HX3SihJqXVAxVMx76Sk9wEslpqopm9iIz+87fzeydT7Wdd93eu7BzMmUmz1NLl1k6ms9xO7BaU8/rprroxTnf2l6fJx8HFAlbKFUhPw1y"
        "NnNJjUtfXjSj80m6QgbrnfbV9d/kM1/YZD63sl6yadmeLR1GusqlxWW89Jyw9qmG8jpXoohCMctSpkYzn6jYNCRfXrQXx08de6XrxZVNkqszoe"
        "lI5jYOjDVzP5+NZqyWIW2Go8WLnOOwdw6M2c6b6rI+fqdJY+qkIDguh0gMq8AKnC/Tku91WApC0ZioMUn9QuRBYzKq2VzH+rIOy57+zLPWpeU0"
        "TkqcNjGqq5r6yqWTnIpqzPe8fsLt8oJY0b4CKVPSRVgaR9q3SBDaSWfN6hWHqQoiGOc8Fda2qxHlkYu8MI5uxnjnddx5l1/WC9xk07ihdlIO3T"
        "SrdLs0TKrROAv6eeb9+YPvnacefM94rj6+IRBTXIqdK4m9v012TrPF2dmULpnTZwqN01SbWdwughbC73nxxQ3DRCFBkSSSEB5pGgLhiAWnggtC"
        "tEteL9uFu3TUR9Lydh1DsTIeCYcd2qTz3GsA8L92eInr/0+7+Jut+v+lk379H7bq/x+26v97W/X/91v1/2db9f/Drfo/2qr/j7bq/WYr/h3qf6"
        "j/of6H+h/q/39H/f/seu2kV68RpCXmBLYGYGsAtgZgawC2BmBrALYGwL/R1c2q9KC3H3AEQwMAAAAAAAAAAPxnHG3V/wdb+wIAAAAAAAAAAAAA"
        "AAAAAAAAAAAAAAAAAAAAAAAAAPjn/QW+d0r/"
    )
)
DIRECTORIES = {
    "1h2hgcsxec6hc9bgkutw2yvol": "2zczjjvry1nnl62k2d6vv7z0e",
    "2jrf5s71cwlnxarea569ac7ol": "l0mgdcxmrjcguz8xyramrnt3c",
    "35mssrlt5v5qff5ypwgewc126": "y2u3a3arnp9es0up0ijdl35ar",
    "70skflva7m5jbr6c6k2dq06t3": "qjd04wsr8ks77nz8v7q9x4ibx",
    "plf0d6br88t0eqf7uucjw1ses": "vybjvvb7wz4qslf0kgd9tp7b1",
    "sqijs1kxi0wtw3etcknp36tl5": "r230l28l2key6pf912hw4v9i9",
    "yooq3z4c9o80lkk9aui39by6e": "fw5s36g8xlget9n1jd7qk8rxu",
}
