using System.Text;
using CsCheck;
using Trainer.Data.Rows;

namespace Trainer.Tests.Data;

public class Utf8OrderTests
{
    [Fact]
    public void Orders_like_the_bytes()
    {
        var text =
            Gen.OneOf(
                Gen.Const("a"), Gen.Const("b"), Gen.Const("é"), Gen.Const("漢"), Gen.Const("\uE000"),
                Gen.Const("\uFFFD"), Gen.Const("😀"), Gen.Const("😁"))
                .Array[0, 4].Select(string.Concat);
        Gen.Select(text, text).Sample((a, b) =>
            Math.Sign(Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b)))
            == Math.Sign(Utf8Order.Instance.Compare(a, b)));
    }
}
