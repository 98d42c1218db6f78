// The reference of `make bench ONLY=signatures`: BouncyCastle verifying DSTU 4145 m=257, warm.
// Run as a source file: java -cp /usr/share/java/bcprov.jar tests/bench/BouncyCastle.java
import java.math.BigInteger;
import java.security.SecureRandom;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ua.DSTU4145NamedCurves;
import org.bouncycastle.crypto.digests.GOST3411Digest;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.crypto.signers.DSTU4145Signer;

public class BouncyCastle {
  public static void main(String[] args) {
    ECDomainParameters curve = DSTU4145NamedCurves.getByOID(
        new ASN1ObjectIdentifier("1.2.804.2.1.1.1.1.3.1.1.2.6"));
    SecureRandom random = new SecureRandom();
    BigInteger d = new BigInteger(curve.getN().bitLength() - 1, random).add(BigInteger.ONE);
    byte[] hash = new byte[32];
    random.nextBytes(hash);
    DSTU4145Signer signer = new DSTU4145Signer();
    signer.init(true, new ParametersWithRandom(new ECPrivateKeyParameters(d, curve), random));
    BigInteger[] pair = signer.generateSignature(hash);
    DSTU4145Signer verifier = new DSTU4145Signer();
    verifier.init(false, new ECPublicKeyParameters(curve.getG().multiply(d).negate().normalize(), curve));
    long until = System.nanoTime() + 4_000_000_000L;
    while (System.nanoTime() < until) {
      if (!verifier.verifySignature(hash, pair[0], pair[1])) throw new IllegalStateException();
    }
    int count = 0;
    long began = System.nanoTime();
    until = began + 3_000_000_000L;
    while (System.nanoTime() < until) {
      verifier.verifySignature(hash, pair[0], pair[1]);
      count++;
    }
    double verify = count / ((System.nanoTime() - began) / 1e9);
    byte[] data = new byte[1 << 20];
    byte[] out = new byte[32];
    GOST3411Digest digest = new GOST3411Digest();
    for (int i = 0; i < 12; i++) { digest.update(data, 0, data.length); digest.doFinal(out, 0); }
    began = System.nanoTime();
    int megabytes = 12;
    for (int i = 0; i < megabytes; i++) { digest.update(data, 0, data.length); digest.doFinal(out, 0); }
    double speed = megabytes / ((System.nanoTime() - began) / 1e9);
    System.out.println(verify + " " + speed);
  }
}
