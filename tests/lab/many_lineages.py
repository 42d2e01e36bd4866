"""Lineages by the thousand, each with keys, certificates and an owner of its own, as `enroll` and `stage` leave them."""
from __future__ import annotations

import copy
import datetime
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from lab import Lab
from rollover import enroll, lineage_toml, owner_of, publish

MODEL = "mx.example.lab"
HOST = "127.0.0.25"
A_MESSAGE = 100  # lineages whose records go in one update
PEM = serialization.Encoding.PEM
DER = serialization.Encoding.DER
CERTIFICATES = ("cert", "chain", "fullchain")


class Issuer:
    """Of the same kinds of keys as Let's Encrypt has below ISRG Root X1: RSA above, P-256 for the hosts."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(65537, 2048)
        root = rsa.generate_private_key(65537, 2048)
        self.name = _name("the intermediate of many")
        self.certificate = _built(self.name, _name("the root of many"), self.key.public_key(), root,
                                  x509.BasicConstraints(ca=True, path_length=0), None)

    def issue(self, host: str, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
        return _built(_name(host), self.name, key.public_key(), self.key,
                      x509.BasicConstraints(ca=False, path_length=None), host)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _built(subject: x509.Name, issuer: x509.Name, key: Any, by: rsa.RSAPrivateKey, constraints: x509.BasicConstraints,
           host: str | None) -> x509.Certificate:
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
               .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
               .not_valid_after(now + datetime.timedelta(days=90)).add_extension(constraints, critical=True)
               .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
               .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False))
    if host:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    return builder.sign(by, hashes.SHA256())


def _key_id(key: Any, kind: str) -> dict[str, str]:
    spki = key.public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return {"sha256": hashlib.sha256(spki).hexdigest(), "sha512": hashlib.sha512(spki).hexdigest(), "type": kind}


def _pem_of(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


class ManyLineages:
    """`grow` adds lineages to the one of the lab's CA, whose files and state are the model of all."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        enroll(lab, MODEL)
        lab.danectl("stage")
        publish(lab, MODEL)
        lab.danectl("run")
        self.issuer = Issuer()
        self.state = json.loads((lab.state_dir / "lineages" / f"{MODEL}.json").read_text())
        self.conf = (lab.certbot_dir / "renewal" / f"{MODEL}.conf").read_text()
        self.toml = lineage_toml(lab, MODEL).read_text()
        self.names = [MODEL]

    def grow(self, count: int) -> None:
        """Until there are so many, with their records in DNS."""
        fresh = [self._made(f"n{number}.example.lab") for number in range(len(self.names), count)]
        for at in range(0, len(fresh), A_MESSAGE):
            self.lab.nsupdate("server 127.0.0.31\nzone example.lab.\n" +
                              "".join(line for lines in fresh[at:at + A_MESSAGE] for line in lines) + "send\n")
        self.lab.wait_published(f"{self.names[-1]}", f"A {HOST}", timeout=60)

    def _made(self, name: str) -> list[str]:
        """Writes all its files; the lines of the update that publishes it."""
        keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
        leaf = self.issuer.issue(name, keys[0])
        ids = [_key_id(key.public_key(), "ecdsa-p256") for key in keys]
        cert, chain = leaf.public_bytes(PEM).decode(), self.issuer.certificate.public_bytes(PEM).decode()
        texts = {"privkey": _pem_of(keys[0]), "cert": cert, "chain": chain, "fullchain": cert + chain}
        self._write_certbot(name, texts)
        self._write_state(name, texts, _pem_of(keys[1]), self._state_of(name, leaf, ids))
        self.names.append(name)
        return [f"update add {name}. 2 A {HOST}\n",
                *(f"update add {owner_of(name)}. 2 TLSA 3 1 1 {one['sha256']}\n" for one in ids)]

    def _write_certbot(self, name: str, texts: dict[str, str]) -> None:
        folder = self.lab.certbot_dir
        (folder / "renewal" / f"{name}.conf").write_text(self.conf.replace(MODEL, name))
        for part in ("archive", "live"):
            (folder / part / name).mkdir()
        for kind, text in texts.items():
            _write(folder / "archive" / name / f"{kind}1.pem", text, 0o600 if kind == "privkey" else 0o644)
            (folder / "live" / name / f"{kind}.pem").symlink_to(f"../../archive/{name}/{kind}1.pem")

    def _write_state(self, name: str, texts: dict[str, str], next_key: str, state: dict[str, Any]) -> None:
        lineage_toml(self.lab, name).write_text(self.toml.replace(MODEL, name))
        folder = self.lab.state_dir
        (folder / "lineages" / f"{name}.json").write_text(json.dumps(state, indent=1) + "\n")
        generation = folder / "generations" / name / "0001"
        generation.mkdir(parents=True)
        (folder / "next" / name).mkdir(mode=0o700)
        _write(folder / "next" / name / "privkey.pem", next_key, 0o600)
        for kind, text in {**texts, "combined": texts["privkey"] + texts["fullchain"]}.items():
            _write(generation / f"{kind}.pem", text, 0o644 if kind in CERTIFICATES else 0o600)
        (folder / "live" / name).symlink_to(f"../generations/{name}/0001")

    def _state_of(self, name: str, leaf: x509.Certificate, ids: list[dict[str, str]]) -> dict[str, Any]:
        state = copy.deepcopy(self.state)
        state["name"], state["owners"] = name, [owner_of(name)]
        state["current"]["key"], state["next"]["key"] = ids
        state["current"]["fingerprint"] = leaf.fingerprint(hashes.SHA256()).hex()
        ends = leaf.not_valid_after_utc if hasattr(leaf, "not_valid_after_utc") else leaf.not_valid_after
        state["current"]["not_after"] = ends.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        known = iter(ids)
        for one in state["known"]:
            one["key"] = (_key_id(self.issuer.key.public_key(), "rsa-2048") if one["names"] == "issuer"
                          else next(known))
        return state


def _write(path: Path, text: str, mode: int) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)


def files_of(lab: Lab, name: str) -> list[Path]:
    """All files that danectl reads of a lineage."""
    generation = lab.state_dir / "live" / name
    return [lineage_toml(lab, name), lab.certbot_dir / "renewal" / f"{name}.conf",
            lab.state_dir / "lineages" / f"{name}.json", lab.state_dir / "owners" / f"{owner_of(name)}.json",
            *(lab.certbot_dir / "live" / name / f"{kind}.pem" for kind in (*CERTIFICATES, "privkey")),
            *(generation / f"{kind}.pem" for kind in (*CERTIFICATES, "privkey", "combined")),
            lab.state_dir / "next" / name / "privkey.pem"]


def a_shell_script(lab: Lab) -> Path:
    """What people have who have no danectl: NAME...; whether the key of each certificate is published everywhere."""
    script = lab.dir / "watch.sh"
    script.write_text(f"""for name; do
  spki=$(openssl x509 -in {lab.certbot_dir}/live/$name/cert.pem -noout -pubkey | openssl pkey -pubin -outform DER |
         openssl dgst -sha256 -r | cut -d' ' -f1)
  fits=$(openssl pkey -in {lab.certbot_dir}/live/$name/privkey.pem -pubout -outform DER |
         openssl dgst -sha256 -r | cut -d' ' -f1)
  [ "$spki" = "$fits" ] || echo "$name: the key does not fit"
  openssl x509 -in {lab.certbot_dir}/live/$name/cert.pem -noout -checkend 1728000 > /dev/null || echo "$name: ends"
  for server in 127.0.0.53 127.0.0.31 127.0.0.32; do
    dig +dnssec +nosplit +noall +answer +time=5 @$server _25._tcp.$name TLSA | tr A-F a-f | grep -q "3 1 1 $spki" ||
      echo "$name: $server has no record of its key"
  done
done
""")
    return script
