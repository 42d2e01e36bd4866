#!/usr/bin/python3
"""`danectl spki` on files that openssl made, whole and broken."""
from __future__ import annotations

import hashlib
import json
import subprocess
import unittest

from cli import Cli, Result


class Spki(Cli):
    """The digests are compared with openssl's own, over the public key as openssl writes it."""

    def openssl(self, *args: str) -> bytes:
        return subprocess.run(["openssl", *args], cwd=self.dir, check=True, capture_output=True, timeout=60).stdout

    def make_key(self, kind: str) -> list[str]:
        """A key in every form openssl has for it: the files, `key.pem` first."""
        algorithm, *option = {"rsa": ["RSA", "rsa_keygen_bits:2048"], "p256": ["EC", "ec_paramgen_curve:P-256"],
                              "p384": ["EC", "ec_paramgen_curve:P-384"], "ed25519": ["ED25519"]}[kind]
        self.openssl("genpkey", "-algorithm", algorithm, *(w for o in option for w in ("-pkeyopt", o)),
                     "-out", "key.pem")
        subject = ["-subj", "/CN=mx.example.com"]
        self.openssl("pkey", "-in", "key.pem", "-outform", "DER", "-out", "key.der")
        self.openssl("pkey", "-in", "key.pem", "-pubout", "-out", "public.pem")
        self.openssl("pkey", "-in", "key.pem", "-pubout", "-outform", "DER", "-out", "public.der")
        for form in ("PEM", "DER"):
            self.openssl("req", "-new", "-key", "key.pem", *subject, "-outform", form, "-out", f"csr.{form.lower()}")
        self.openssl("req", "-x509", "-key", "key.pem", *subject, "-out", "certificate.pem")
        self.openssl("x509", "-in", "certificate.pem", "-outform", "DER", "-out", "certificate.der")
        files = [f"{what}.{form}" for what in ("key", "public", "csr", "certificate") for form in ("pem", "der")]
        if kind != "ed25519":
            self.openssl("pkey", "-in", "key.pem", "-traditional", "-out", "traditional.pem")
            files.append("traditional.pem")
        return files

    def expected(self, digest: str = "sha256") -> str:
        der = self.openssl("pkey", "-in", "key.pem", "-pubout", "-outform", "DER")
        self.assertGreater(len(der), 40, "openssl wrote a public key")
        return hashlib.new(digest, der).hexdigest()

    def test_every_form_of_a_key_has_the_same_digest(self) -> None:
        for kind in ("rsa", "p256", "p384", "ed25519"):
            with self.subTest(kind):
                files = self.make_key(kind)
                self.assertEqual(self.danectl("spki", *files),
                                 Result(0, "".join(f"{self.expected()}  {file}\n" for file in files), ""))
                self.assertEqual(self.danectl("spki", "--sha512", "key.pem"),
                                 Result(0, f"{self.expected('sha512')}  key.pem\n", ""))

    def test_json_has_the_kind_and_both_digests_and_nothing_else_is_on_stdout(self) -> None:
        self.make_key("p256")
        files = {"key.pem": "key", "public.der": "public", "csr.pem": "csr", "certificate.der": "certificate"}
        result = self.danectl("spki", "--json", *files)
        self.assertEqual((result.code, result.err), (0, ""))
        self.assertEqual(json.loads(result.out), {"version": 1, "files": [
            {"file": file, "kind": kind, "type": "ecdsa-p256", "sha256": self.expected(),
             "sha512": self.expected("sha512")} for file, kind in files.items()]})

    def test_standard_input_is_read_as_a_file(self) -> None:
        self.make_key("p256")
        for file in ("key.pem", "certificate.der"):
            self.assertEqual(self.danectl("spki", "-", input=(self.dir / file).read_bytes()),
                             Result(0, f"{self.expected()}  -\n", ""))

    def test_a_pipe_is_read_as_a_file(self) -> None:
        self.make_key("p256")
        key = (self.dir / "key.pem").read_bytes()
        self.assertEqual(self.danectl("spki", "/dev/stdin", input=key), Result(0, f"{self.expected()}  /dev/stdin\n", ""))
        done = subprocess.run(["bash", "-c", f"{self.program} spki <(cat key.pem)"], cwd=self.dir, capture_output=True,
                              text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout.split()[0], done.stderr), (0, self.expected(), ""))

    def test_of_a_chain_the_first_certificate_counts(self) -> None:
        self.make_key("rsa")
        issuer = (self.dir / "certificate.pem").read_text()
        self.make_key("p256")
        (self.dir / "fullchain.pem").write_text((self.dir / "certificate.pem").read_text() + issuer)
        self.assertEqual(self.danectl("spki", "fullchain.pem"), Result(0, f"{self.expected()}  fullchain.pem\n", ""))

    def test_a_key_with_its_parameters_before_it_is_read(self) -> None:
        self.make_key("p256")
        parameters = self.openssl("ecparam", "-name", "prime256v1").decode()
        (self.dir / "both.pem").write_text(parameters + (self.dir / "traditional.pem").read_text())
        self.assertEqual(self.danectl("spki", "both.pem"), Result(0, f"{self.expected()}  both.pem\n", ""))

    def test_no_digest_comes_from_what_holds_no_key(self) -> None:
        wanted = "  give a private key, a public key, a certificate request or a certificate\n"
        (self.dir / "empty").write_bytes(b"")
        (self.dir / "blank").write_text("\n \n")
        (self.dir / "garbage").write_bytes(b"\x30\x82" + bytes(range(256)))
        (self.dir / "folder").mkdir()
        (self.dir / "parameters").write_bytes(self.openssl("ecparam", "-name", "prime256v1"))
        for file, what in (
                ("empty", f"it is empty\n{wanted}"), ("blank", f"it is empty\n{wanted}"),
                ("garbage", f"it holds no key, request or certificate in PEM or DER\n{wanted}"),
                ("parameters", f"it holds no key, request or certificate, only EC PARAMETERS\n{wanted}"),
                ("folder", "it is a directory\n  name the files in it\n"), ("missing", "there is no such file\n")):
            with self.subTest(file):
                self.assertEqual(self.danectl("spki", file), Result(1, "", f"danectl: {file}: {what}"))
        self.assertEqual(self.danectl("spki", "-"), Result(1, "", f"danectl: -: it is empty\n{wanted}"))

    def test_an_encrypted_key_is_refused_without_asking_for_the_passphrase(self) -> None:
        self.make_key("rsa")
        self.openssl("pkey", "-in", "key.pem", "-aes256", "-passout", "pass:secret", "-out", "encrypted.pem")
        self.openssl("pkey", "-in", "key.pem", "-traditional", "-aes256", "-passout", "pass:secret", "-out", "old.pem")
        for file in ("encrypted.pem", "old.pem"):
            with self.subTest(file):
                self.assertEqual(self.danectl("spki", file), Result(
                    1, "", f"danectl: {file}: the private key is encrypted\n  servers and certbot need it without a "
                    "passphrase: decrypt it with `openssl pkey -in FILE -out NEWFILE`\n"))

    def test_a_cut_file_is_refused(self) -> None:
        self.make_key("rsa")
        (self.dir / "cut.pem").write_bytes((self.dir / "key.pem").read_bytes()[:500])
        result = self.danectl("spki", "cut.pem")
        self.assertEqual((result.code, result.out), (1, ""))
        self.assertRegex(result.err, r"\Adanectl: cut\.pem: PEM block 1 is cut or garbled: ")

    def test_two_keys_in_a_file_are_refused(self) -> None:
        self.make_key("rsa")
        first = (self.dir / "key.pem").read_text()
        self.make_key("p256")
        (self.dir / "two.pem").write_text(first + (self.dir / "key.pem").read_text())
        result = self.danectl("spki", "two.pem")
        self.assertEqual((result.code, result.out), (1, ""))
        self.assertRegex(result.err, r"\Adanectl: two\.pem: it holds [^\n]+ different keys, .*\n  give one key a file\n")

    def test_a_file_that_cannot_be_read_does_not_keep_the_others_from_being_printed(self) -> None:
        self.make_key("p256")
        result = self.danectl("spki", "missing", "key.pem")
        self.assertEqual(result, Result(1, f"{self.expected()}  key.pem\n", "danectl: missing: there is no such file\n"))
        result = self.danectl("spki", "--json", "missing", "key.pem")
        self.assertEqual((result.code, [file["file"] for file in json.loads(result.out)["files"]]), (1, ["key.pem"]))

    def test_a_full_standard_output_is_a_failure(self) -> None:
        self.make_key("p256")
        with open("/dev/full", "wb") as full:
            done = subprocess.run([self.program, "spki", "key.pem"], cwd=self.dir, stdout=full, stderr=subprocess.PIPE,
                                  timeout=60)
        self.assertEqual((done.returncode, done.stderr), (1, b"danectl: cannot write to standard output\n"))


if __name__ == "__main__":
    unittest.main()
