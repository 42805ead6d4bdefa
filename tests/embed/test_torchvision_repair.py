import subprocess
import sys
import textwrap


def run(code):
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_import_graphsocial_embed_loads_no_torch():
    assert run(
        "import sys, graphsocial.embed; print('torch' in sys.modules, 'timm' in sys.modules, 'av' in sys.modules)"
    ) == ("False False False")


def test_torchvision_works_afterwards_and_a_second_call_does_nothing():
    out = run(
        """
        from graphsocial.embed import repair_torchvision
        repair_torchvision()
        assert repair_torchvision() is False
        import torchvision, torchvision.transforms
        print(torchvision.transforms.Resize(4).size)
        """
    )
    assert out == "4"


def test_other_failures_are_left_alone():
    out = run(
        """
        import importlib
        from graphsocial.embed import torchvision_repair
        def broken(name):
            raise RuntimeError("operator torchvision::roi_align does not exist")
        importlib.import_module, real = broken, importlib.import_module
        try:
            torchvision_repair.repair_torchvision()
        except RuntimeError as error:
            print("raised", torchvision_repair._declared)
        """
    )
    assert out == "raised []"
