using Engine.Server.Catalog;
using Engine.Server.Errors;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;

namespace Engine.Tests.Server;

/// <summary>Texts of callers in errors, logs and on terminals.</summary>
public sealed class HostileTextTests
{
    [Fact]
    public void Half_a_letter_in_an_error_does_not_stop_the_error()
    {
        for (var before = 0; before < 3; before++)
        {
            var text = new string('x', before) + string.Concat(Enumerable.Repeat("\U0001F600", 2_000));
            foreach (var error in (Exception[])[
                new InputException($"found '{text}'"),
                new FieldException(text[..(before + 1)], "found \uD83D, expected text"),
                Assert.Throws<FieldException>(() => NamedFiles.Check("pool", text))])
            {
                var status = CallStatus.Of(error, StatusCode.InvalidArgument, "1");
                Assert.Equal(status, Google.Rpc.Status.Parser.ParseFrom(status.ToByteArray()));
                Assert.NotNull(status.GetDetail<BadRequest>());
            }
        }
    }

    [Theory]
    [InlineData("plain \u8336 \U0001F600", "plain \u8336 \U0001F600")]
    [InlineData("a\nb\u001B[2J\0", "a\\u000Ab\\u001B[2J\\u0000")]
    [InlineData("\u202Egnp.exe\u2028", "\\u202Egnp.exe\\u2028")]
    [InlineData("\U000E0041", "\\U000E0041")]
    [InlineData("\u0085\u009B", "\\u0085\\u009B")]
    public void What_a_terminal_would_obey_is_written_as_its_code(string text, string printed) =>
        Assert.Equal(printed, Printable.Of(text));
}
