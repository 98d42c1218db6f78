import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Security;
import java.security.SignatureException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ua.DSTU4145NamedCurves;
import org.bouncycastle.asn1.ua.DSTU4145Params;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.DSTU7564Digest;
import org.bouncycastle.crypto.digests.GOST3411Digest;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.crypto.signers.DSTU4145Signer;
import org.bouncycastle.jcajce.provider.asymmetric.util.ECUtil;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.jce.spec.ECNamedCurveParameterSpec;

/** BouncyCastle as a second opinion: a question a line on standard input, an answer a line. */
public class BouncyCastle {
    static final String CURVES = "1.2.804.2.1.1.1.1.3.1.1.2.";

    public static void main(String[] args) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = in.readLine()) != null; ) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "verify": // key, hash, r and s little-endian
                    System.out.println(verify(bytes(words[1]), bytes(words[2]), bytes(words[3])));
                    break;
                case "sign": // number of the curve, hash
                    System.out.println(sign(words[1], bytes(words[2])));
                    break;
                case "hash": // gost or kupyna256, data
                    System.out.println(text(hash(words[1], bytes(words[2]))));
                    break;
                case "certificate": // certificate, its issuer's
                    System.out.println(issued(bytes(words[1]), bytes(words[2])));
                    break;
                default:
                    throw new IllegalArgumentException(words[0]);
            }
        }
    }

    static boolean verify(byte[] spki, byte[] hash, byte[] pair) throws Exception {
        PublicKey key =
                KeyFactory.getInstance("DSTU4145", "BC").generatePublic(new X509EncodedKeySpec(spki));
        DSTU4145Signer signer = new DSTU4145Signer();
        signer.init(false, ECUtil.generatePublicKeyParameter(key));
        int half = pair.length / 2;
        return signer.verifySignature(hash, number(pair, 0, half), number(pair, half, half));
    }

    static String sign(String curve, byte[] hash) throws Exception {
        ASN1ObjectIdentifier oid = new ASN1ObjectIdentifier(CURVES + curve);
        ECDomainParameters domain = DSTU4145NamedCurves.getByOID(oid);
        KeyPairGenerator generator = KeyPairGenerator.getInstance("DSTU4145", "BC");
        generator.initialize(
                new ECNamedCurveParameterSpec(
                        oid.getId(), domain.getCurve(), domain.getG(), domain.getN(), domain.getH()),
                new SecureRandom());
        KeyPair pair = generator.generateKeyPair();
        DSTU4145Signer signer = new DSTU4145Signer();
        signer.init(
                true,
                new ParametersWithRandom(
                        ECUtil.generatePrivateKeyParameter(pair.getPrivate()), new SecureRandom()));
        BigInteger[] made = signer.generateSignature(hash);
        int half = (domain.getN().bitLength() + 7) / 8;
        byte[] both = new byte[2 * half];
        write(made[0], both, 0);
        write(made[1], both, half);
        return text(pair.getPublic().getEncoded()) + " " + text(both);
    }

    static byte[] hash(String name, byte[] data) {
        Digest digest =
                name.equals("gost")
                        ? new GOST3411Digest(expand(DSTU4145Params.getDefaultDKE()))
                        : new DSTU7564Digest(256);
        digest.update(data, 0, data.length);
        byte[] out = new byte[digest.getDigestSize()];
        digest.doFinal(out, 0);
        return out;
    }

    /** A table of packed nibbles, high first, as BouncyCastle wants it: a byte each. */
    static byte[] expand(byte[] packed) {
        byte[] table = new byte[128];
        for (int i = 0; i < packed.length; i++) {
            table[2 * i] = (byte) ((packed[i] >> 4) & 0xf);
            table[2 * i + 1] = (byte) (packed[i] & 0xf);
        }
        return table;
    }

    static String issued(byte[] certificate, byte[] issuer) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509", "BC");
        X509Certificate above =
                (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(issuer));
        try {
            factory.generateCertificate(new ByteArrayInputStream(certificate))
                    .verify(above.getPublicKey(), "BC");
            return "true";
        } catch (SignatureException wrong) {
            return "false";
        } catch (CertificateException refused) {
            return "refused"; // the algorithm written in two ways inside
        }
    }

    static BigInteger number(byte[] pair, int from, int count) {
        byte[] big = new byte[count];
        for (int i = 0; i < count; i++) big[i] = pair[from + count - 1 - i];
        return new BigInteger(1, big);
    }

    static void write(BigInteger value, byte[] out, int from) {
        byte[] big = value.toByteArray();
        for (int i = 0; i < big.length && i < out.length / 2; i++) {
            out[from + i] = big[big.length - 1 - i];
        }
    }

    static byte[] bytes(String text) {
        return Base64.getDecoder().decode(text);
    }

    static String text(byte[] data) {
        return Base64.getEncoder().encodeToString(data);
    }
}
